"""Learning on the job: trained models, which one answers, and weekly drift."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('drift_week',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('week', sa.String(length=10), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('figures', JSON, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drift_week')),
    sa.UniqueConstraint('week', name=op.f('uq_drift_week_week'))
    )
    op.create_table('trained_model',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=96), nullable=False),
    sa.Column('folder', sa.String(length=128), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('examples', sa.Integer(), nullable=False),
    sa.Column('newest_example', sa.DateTime(timezone=True), nullable=False),
    sa.Column('scores', JSON, nullable=False),
    sa.Column('trial', JSON, nullable=False),
    sa.Column('kept', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trained_model')),
    sa.UniqueConstraint('name', name=op.f('uq_trained_model_name'))
    )
    with op.batch_alter_table('trained_model', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_trained_model_made_at'), ['made_at'], unique=False)

    op.create_table('model_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('model_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['model_id'], ['trained_model.id'], name=op.f('fk_model_change_model_id_trained_model')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_model_change'))
    )


def downgrade() -> None:
    op.drop_table('model_change')
    with op.batch_alter_table('trained_model', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_trained_model_made_at'))

    op.drop_table('trained_model')
    op.drop_table('drift_week')
